"""tiao (条): a self-hosted pay-later platform."""
