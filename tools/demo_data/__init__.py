"""Parts of tools/train-demo: drawing, network and loss, measuring, export."""
