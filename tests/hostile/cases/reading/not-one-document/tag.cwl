doc: !!python/object/apply:os.system ["true"]
