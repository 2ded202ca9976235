"""What all pages need: Jinja templates, maths as MathML, the HTML sanitizer, charts, pictures, style sheets and the maths font."""
