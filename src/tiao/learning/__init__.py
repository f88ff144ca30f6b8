"""What every trained model stands on: data contract, bins, trees as masks, measures, files."""
