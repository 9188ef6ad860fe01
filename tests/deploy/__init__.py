"""What runs the API in production: gunicorn, containers, Kubernetes."""
