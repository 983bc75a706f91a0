"""DATA_DIR: `checks` says whether it is fit for use, `lock` lets one Reading Room use it at a time."""
