"""What is known of a customer at an instant: features, each defined once as a fold over facts."""
