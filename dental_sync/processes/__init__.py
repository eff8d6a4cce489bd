"""What the processes of the Procfile are made of: web, Celery tasks, beat, draining; imports `api` and below."""
