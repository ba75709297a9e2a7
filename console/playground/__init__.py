"""A real container in a folder: supervisord, nginx and a sample app, without root."""
