"""Accounts: people, passwords, login codes and links, sessions, staff accounts, erasure."""
