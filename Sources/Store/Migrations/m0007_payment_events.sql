SELECT; -- To be filled in.
