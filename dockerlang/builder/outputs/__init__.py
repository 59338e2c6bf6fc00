"""What becomes of a build beside the image in the store: archives, directories, squashed and clamped images."""
