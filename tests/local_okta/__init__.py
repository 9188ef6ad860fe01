"""Tests of the local Okta, over real HTTP."""
