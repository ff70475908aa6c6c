"""What the shop refuses, in words that a customer may read."""


class Refused(Exception):
    """The customer asked for something that can't be; nothing was changed."""


class NotFound(Exception):
    """No such page, product or order, or none that this customer may see."""
