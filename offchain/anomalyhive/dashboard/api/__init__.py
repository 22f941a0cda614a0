"""The dashboard's HTTP interface, version 1: what it answers, how it refuses, and who may ask."""
