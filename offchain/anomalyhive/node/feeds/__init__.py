"""What people do with an alert feed: sponsors make and fund it, appellants and validators go through appeals, and the
owners of monitors see to their posts and are paid.
"""
