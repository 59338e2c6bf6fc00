"""Rules on the commands of RUN, whatever they are for."""
