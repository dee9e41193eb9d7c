"""What people see: pages, feed, figures, and the doors behind them."""
