"""What the practice keeps beside the diary: accounts, patients, rules, notes, audit; imports `mail` and below."""
