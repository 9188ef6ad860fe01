"""Small changes to tokens and proofs."""

import random

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def mutate(token: str, at: random.Random) -> str:
    """Change, remove, add or move one to three characters of `token`."""
    letters = list(token)
    for _ in range(at.randint(1, 3)):
        place = at.randrange(len(letters))
        match at.randrange(5):
            case 0:
                letters[place] = at.choice(BASE64URL + ".=")
            case 1:
                del letters[place]
            case 2:
                letters.insert(place, at.choice(BASE64URL))
            case 3:
                other = at.randrange(len(letters))
                letters[place], letters[other] = letters[other], letters[place]
            case 4:
                letters[place:] = letters[place : place + at.randint(0, 40)]
        letters = letters or ["x"]
    return "".join(letters)
