"""Text functions shared by all readers.

characters     storable text: composed Unicode, normalized white space
cleaning       elements with clean text, and titles
encodings      from bytes to text
latex          names of signs and functions in LaTeX
line_joining   lines that a page broke
links          addresses of links, in one notation
numerals       whole numbers in the figures of many scripts
raised_digits  exponents and marks of notes in running text
superscripts   raised figures in plain notation
tables         tables as Markdown
"""
