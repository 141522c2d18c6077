"""Judgement: rules over trees and zones, and the engine that runs them."""
