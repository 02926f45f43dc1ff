"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

It composes the pure parts of those stages. Gold scores the test titles at the very end; no label,
no feature and no choice before that has seen it. Beside the figure stand those that tell what it is
worth: what each step of the way brings, and the same end model trained on gold, on all of it (the
ceiling) and on little (how many hand labels the rules save).
"""

from tasks.audits.blind import blind_audit as blind_audit
from tasks.audits.blind_parts import hide as hide
