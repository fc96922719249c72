"""The cloud half: what runs where and why, checked before anything is rented."""
