"""What rules know about the world: package managers, image names, archives, secrets, licences."""
