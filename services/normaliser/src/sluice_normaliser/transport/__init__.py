"""Stream subscribers and HTTP routes."""
