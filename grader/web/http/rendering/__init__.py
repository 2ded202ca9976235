"""Rendering of pages: templates (Jinja), static files, and styles under the content security policy."""
