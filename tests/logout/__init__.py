"""Universal Logout, in the package and in the service."""
