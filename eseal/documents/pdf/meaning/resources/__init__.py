"""What contents draw with: fonts, images, colours (ISO 32000-1 section 7.8.3)."""
