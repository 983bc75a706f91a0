"""Messages.

attachments  attachments of messages
eml          EML, MBOX and MHTML
flowed_text  `format=flowed` (RFC 3676)
headers      encoded words and raw bytes in headers
msg          Outlook messages
"""
