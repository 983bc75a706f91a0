"""Archives: `unpack` takes documents out of ZIP, TAR and compressed files, `zip_names` reads names in ZIPs."""
