"""Where documents come from besides an upload: folders on disk, a watched share, web pages, uploads in parts."""
