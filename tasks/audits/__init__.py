"""The audits: the pipeline's pure parts, composed otherwise, to see what they are worth."""
