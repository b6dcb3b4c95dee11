"""
A Django site of somebody else's: no accounts, chat or pages of Teahouse's, only the engine, with a log of its own.

Run from the tests; it is also the smallest site that uses everything the engine offers a Django developer.
"""
