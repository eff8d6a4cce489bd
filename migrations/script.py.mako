"""${message}"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say what changes and why it is safe for the code that is still running."""
    ${upgrades if upgrades else "op.execute(\"\")"}
