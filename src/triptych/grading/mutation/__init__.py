"""Mutation: reference solutions with one small thing changed, and whether a hidden check notices."""
