"""DATA_DIR.

checks         whether DATA_DIR can be used: permissions, free space, version
lock           lets one Reading Room use DATA_DIR at a time
private_files  files that are created once and closed to other users, such as keys
"""
