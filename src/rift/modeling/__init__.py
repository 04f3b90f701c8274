"""The classifier: network, training, baseline, export. The only room that imports torch."""
