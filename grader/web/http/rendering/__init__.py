"""Rendering of pages: templates, static files, styles under the content security policy."""
