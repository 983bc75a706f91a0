"""Messages.

attachments  what comes along with a message
eml          EML, MBOX and MHTML
flowed_text  `format=flowed` (RFC 3676)
headers      encoded words and raw bytes in headers
msg          messages as Outlook saves them
"""
