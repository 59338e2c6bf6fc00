"""Rules on what runs in a container: CMD, ENTRYPOINT, HEALTHCHECK."""
