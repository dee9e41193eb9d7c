"""What is measured: each file one question, answered with figures of this machine and a peer beside them."""
