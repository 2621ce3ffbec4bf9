"""Understanding what was written: drug names, intents, entities. Pure, without a database."""
