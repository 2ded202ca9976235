"""What pages are made with: templates, typeset formulas, sanitised Markdown, charts, fonts and style sheets."""
