"""From data to trained models and tables: what the command line, notebooks and app run.

=====================  ==========================================================
``budgets``            sizes and updates that all models of a comparison share
``runs``               one training run on a flow
``training_command``   train one forecaster on any flow (``symdyn train``)
``run_progress``       what a training tells others while it runs
``run_records``        what is known about one run on disk
``run_book``           all runs on disk, read again when they change
``training_wish``      a small training that somebody wants, within limits
``trainings``          small trainings in processes of their own, one at a time
``process_mark``       which process is meant
``zoo_making``         what all zoos share: train, test, measure and write one model
``zoo_cards``          what the card of a model tells: training, errors, equivariance
``rbc_zoo``            the zoo of Rayleigh-Benard convection
``ocean_zoo``          the zoo of the quasi-geostrophic ocean
``zoos``               both of them (``symdyn zoo build``)
``current_records``    a record of measured currents, cut to learn from and to test on
``measured_currents``  models of the zoo on measured currents, as they are and fine-tuned
``currents_report``    the same in plain numbers (``symdyn zoo currents``)
``tally``              sums over forecasts, and the table that they make
``window_errors``      errors of a forecaster window by window
``error_summaries``    the same by place, time, region and distance to an edge
``novelty``            how unlike the training data a window is
``evaluation``         forecasters on original and transformed test sets
``auditing``           equivariance of a model on a flow (``symdyn audit``)
``audit_facts``        the model's card and the flow's labels, beside an audit
``worst_case``         the window on which a model is farthest from equivariant
``audit_table``        audits of several models as one labelled table
``result_tables``      tables on disk, each with the claim that it is to show
``machine``            the machine that a number was measured on
=====================  ==========================================================
"""
