"""What reads what others send, by name. See `target`."""

import logging

from conformance.targets import documents, headers, mapping, protocols

TARGETS = {each.name: each for each in (*documents.TARGETS, *headers.TARGETS, *mapping.TARGETS, *protocols.TARGETS)}

# What cwltool and the evaluator would tell whoever runs a package.
for _name in ("cwltool", "salad"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)
