"""Rendering of pages: templates, moments for people, static files, and styles under the content security policy."""
