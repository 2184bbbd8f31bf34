"""
How clients register: a file is a vocabulary of ad-hoc commands.
"""
