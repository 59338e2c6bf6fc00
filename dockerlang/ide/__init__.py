"""What an editor asks of a Dockerfile, as plain values and offsets; one feature a file."""
