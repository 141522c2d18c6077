"""Judgement: rules over trees and zones, and the engine that runs them.

Imports grammars, no world and no command. The modules here are what packages of rules import.
"""
