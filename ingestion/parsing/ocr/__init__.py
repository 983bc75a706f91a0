"""Text recognition: `engine` runs RapidOCR, `page_lines` makes lines, `images` reads pictures."""
