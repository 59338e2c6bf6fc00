"""Docker's templates for `--format`: Go's language, filled from typed rows and JSON documents."""
