"""The developer's tools: what is installed, pins, JupyterLab, the models of the digit page."""
