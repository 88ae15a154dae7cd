"""Where the nodes and lines of a graph stand in a drawing: `gradb.drawing.layout.lay_out`. Knows graphs, not traces."""
