"""Text in pixels: `engine` runs RapidOCR, `page_lines` makes lines of a page, `images` reads pictures."""
